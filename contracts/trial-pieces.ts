/** Trials in one message and in one document: Temporal takes 2 MB in a message, and a trial is some hundred bytes. */
export const trialsInPiece = 500;
