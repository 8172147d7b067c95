export function reportKey(run: string): string {
  return `runs/${run}/report.html`;
}
