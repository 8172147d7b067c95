/** What CHANGELOG.md says of a version; throws where the tag is not the version's, or nothing is said. */
export declare function releaseNotes(tag: string, version: string, changelog: string): string;
