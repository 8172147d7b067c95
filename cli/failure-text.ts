import type { Failure } from '../contracts/failures';

/**
 * A failure in two parts: its title, and what it has to say beside that. Some messages begin with the title already, for readers
 * who see nothing else.
 */
export function failureText({ title, message }: Failure): { readonly title: string; readonly said: string } {
  const said = message.startsWith(title) ? message.slice(title.length).replace(/^[:.]\s*/, '') : message;
  return { title: `${title}.`, said };
}
