import { randomBytes, randomInt } from 'node:crypto'

export const MAX_LETTERS = 1_024

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEF'

/** A random string of `length` letters; 32 of them, so that each is equally likely. */
export function randomLetters(length: number): string {
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('')
}

/** A random length from 1 to MAX_LETTERS. */
export function randomLength(): number {
  return randomInt(1, MAX_LETTERS + 1)
}
