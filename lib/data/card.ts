export { markdownCard as renderCard, readLicences } from './card/markdown';
