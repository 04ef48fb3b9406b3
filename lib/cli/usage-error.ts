/** What was typed cannot be meant: the program ends with code 2 and points to its help. */
export class UsageError extends Error {}
