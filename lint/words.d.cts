/** The banned words of one text, each with its offset and what to write. */
export declare const bannedIn: (text: string) => { word: string; better: string; index: number }[];
/** Folders of the engine, which has no word of one service. */
export declare const ENGINE: readonly string[];
/** Files of the engine that may have such a word: path → reason. */
export declare const SERVICE_ALLOWED: Readonly<Record<string, string>>;
/** The words of one service in a text, each with its offset. */
export declare const serviceWordsIn: (text: string) => { word: string; index: number }[];
