/** The names of a graph's one input and one output. */
export const onnxNames = { input: 'image', output: 'probabilities' } as const;
