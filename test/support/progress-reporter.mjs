import process from 'node:process'
import { clearInterval, setInterval } from 'node:timers'

const EVERY = 15_000

/** Tells every 15 s which test files are running and for how long: Jest tells only of those that ended. */
export default class ProgressReporter {
  #running = new Map()
  #ended = 0
  #timer

  onRunStart({ numTotalTestSuites }) {
    this.#timer = setInterval(() => this.#tell(numTotalTestSuites), EVERY)
  }

  onTestFileStart({ path }) {
    this.#running.set(path, Date.now())
  }

  onTestFileResult({ path }) {
    this.#running.delete(path)
    this.#ended += 1
  }

  onRunComplete() {
    clearInterval(this.#timer)
  }

  #tell(total) {
    const files = [...this.#running].map(([file, since]) => {
      const name = file.slice(file.lastIndexOf('/test/') + 1)
      return `${name} (${Math.round((Date.now() - since) / 1000)} s)`
    })
    process.stderr.write(`${this.#ended} of ${total} test files ended; running: ${files.join(', ')}\n`)
  }
}
