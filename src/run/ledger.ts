import type { RecordedKey, RunRecord } from '../decide/observed'
import type { InlinePolicy } from '../decide/ties'
import { noted } from '../decide/record'
import type { RunLock } from '../state/run-lock'

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
    const since = this.#now().toISOString()
    await this.#write(noted(this.#record, { ...this.entry(generation), ...progress, generation, since }))
  }

  /** Notes that a store is about to be deleted: not seen afterwards, it is gone. @throws as `note` does */
  public async noteDeletion(store: string): Promise<void> {
    const { deletedStores = [] } = this.#record
    await this.#write({ ...this.#record, deletedStores: [...new Set([...deletedStores, store])] })
  }

  /** Notes what an adoption found, before it takes that over. @throws as `note` does */
  public async noteAdoption(adopted: readonly InlinePolicy[]): Promise<void> {
    await this.#write({ ...this.#record, adopted })
  }

  /**
   * Makes sure that this run still has the lock, before it changes anything that no note stands before.
   *
   * @throws where another run took it over
   */
  public async confirm(): Promise<void> {
    await this.#lock?.confirm()
  }

  async #write(record: RunRecord): Promise<void> {
    this.#record = record
    await this.#lock?.note(record)
  }
}
