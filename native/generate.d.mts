export declare const GENERATED: string;
export declare function namesHeader(tables: object): string;
