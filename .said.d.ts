declare const __said: (line: number, ...args: unknown[]) => void;
