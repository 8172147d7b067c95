/** What a model can be served as: float32 is what every run ends with. */
export const formNames = ['float32', 'float16', 'int8'] as const;
export type FormName = (typeof formNames)[number];
