/** One line of `drover doctor`. `advice` is what mends it, where there is something to mend or to know. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Whether what is missing comes by `npm start`, so that nobody has to do anything. */
  readonly comes?: boolean;
  readonly found: string;
  readonly advice?: string;
}
