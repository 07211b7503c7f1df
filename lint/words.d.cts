/** The banned words of one text, each with its offset and what to write. */
export declare const bannedIn: (text: string) => { word: string; better: string; index: number }[];
