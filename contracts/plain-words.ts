/** What people say of themselves, and why, is shown in terminals, where a control character could say anything. */
export function plainWords(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
