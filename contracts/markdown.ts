/**
 * Text as one cell or line of Markdown. Names of classes and files come from folders, which may be called
 * anything: none of them may break out of its table, or become a link or HTML.
 */
export function markdownText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&').replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
