import type { RecordedKey, RunRecord } from '../decide/observed'
import type { RunLock } from '../state/run-lock'

/** Keys that the record keeps in mind: enough for every question, and the object stays small. */
const MOST_KEYS = 12

/** What this run notes of the key that it makes; in the lock's object where there is one. */
export class Ledger {
  readonly #lock: RunLock | undefined
  readonly #now: () => Date
  #record: RunRecord

  constructor(lock: RunLock | undefined, now: () => Date) {
    this.#lock = lock
    this.#now = now
    this.#record = lock?.record ?? { keys: [] }
  }

  /** What is noted of a generation. */
  public entry(generation: string): RecordedKey | undefined {
    return this.#record.keys.find((key) => key.generation === generation)
  }

  /**
   * Notes how far a key came, before that happens.
   *
   * @throws where the lock was lost: then it must not happen
   */
  public async note(generation: string, progress: Omit<RecordedKey, 'generation' | 'since'>): Promise<void> {
    const entry: RecordedKey = {
      ...this.entry(generation),
      ...progress,
      generation,
      since: this.#now().toISOString(),
    }
    const others = this.#record.keys.filter((key) => key.generation !== generation)
    this.#record = { ...this.#record, keys: [...others, entry].slice(-MOST_KEYS) }
    await this.#lock?.note(this.#record)
  }
}
