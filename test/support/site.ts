import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startProxy } from './proxy'

/** A web site of an origin of its own, with a page whose script a browser runs. */
export interface Site {
  readonly url: string
  /**
   * Opens its page in a fresh browser.
   *
   * @param browser Chromium's program
   * @param script the body of an async function
   * @returns what the script returned, through JSON
   * @throws where the script threw, or the browser ended
   */
  visit(browser: string, script: string): Promise<unknown>
  close(): Promise<void>
}

const PAGE = '/page-of-the-test'
const REPORT = '/report-of-the-test'

/**
 * Starts it on a free loopback port.
 *
 * @param behind what answers all else that is asked of it
 */
export async function startSite(behind: string): Promise<Site> {
  let page = ''
  let report: ((text: string) => void) | undefined
  const proxy = await startProxy(behind, {
    before: ({ url, body }) => {
      if (url === PAGE) return { status: 200, headers: { 'content-type': 'text/html' }, body: page }
      if (url !== REPORT) return 'pass'
      report?.(body)
      return 200
    },
  })
  return {
    url: proxy.url,
    close: () => proxy.close(),
    visit: async (browser, script) => {
      page = pageWith(script)
      const reported = new Promise<string>((resolve) => (report = resolve))
      const opened = await open(browser, `${proxy.url}${PAGE}`)
      const text = await Promise.race([reported, opened.ended]).finally(() => opened.close())
      const { returned, thrown } = JSON.parse(text) as { returned?: unknown; thrown?: string }
      if (thrown !== undefined) throw new Error(`The page's script threw ${thrown}`)
      return returned
    },
  }
}

const pageWith = (script: string): string => `<!doctype html><script type="module">
const answer = await (async () => { ${script} })().then(
  (returned) => ({ returned }),
  (error) => ({ thrown: String(error) }),
)
await fetch('${REPORT}', { method: 'POST', body: JSON.stringify(answer) })
</script>`

async function open(
  browser: string,
  url: string,
): Promise<{ readonly ended: Promise<never>; close(): Promise<void> }> {
  const profile = mkdtempSync(path.join(tmpdir(), 'valohai-s3-browser-'))
  // The pages are the test's own; Chromium's sandbox runs neither as root nor in many containers.
  const options = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`]
  // A group of its own, since it starts others.
  const child = spawn(browser, [...options, url], { stdio: 'ignore', detached: true })
  await once(child, 'spawn')
  const { pid = 0 } = child
  const stop = (): void => void process.kill(-pid, 'SIGKILL')
  process.once('exit', stop)
  const exit = once(child, 'exit').then(([code]) => {
    process.off('exit', stop)
    return code as number | null
  })
  const ended = exit.then((code): never => {
    throw new Error(`${browser} ended with ${code} before its page said anything.`)
  })
  // Once the page has said something, nobody waits for it.
  ended.catch(() => undefined)
  return {
    ended,
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) stop()
      await exit
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
