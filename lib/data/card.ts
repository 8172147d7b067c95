export { readLicences } from './card/markdown';
