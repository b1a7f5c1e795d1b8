export declare function sourcesDigest(read?: (file: string) => string): string;
export declare function writeSources(): void;
