/** The client went away before its request was whole, or before it was answered: nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}
