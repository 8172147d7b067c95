const litter = new Set(['Thumbs.db', 'desktop.ini', '__MACOSX']);

/** What operating systems leave behind in folders and archives; nobody means them as pictures. */
export function isLitter(name: string): boolean {
  return name.startsWith('.') || litter.has(name);
}

/** Whether any folder of a path, or its file, is litter. */
export function isLitterPath(path: string): boolean {
  return path.split('/').some(isLitter);
}
