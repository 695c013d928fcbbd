/** The line that the server writes above static/sw.js: the app's version, and a hash by path. */
declare const BUILD: { version: string; files: Record<string, string> };
