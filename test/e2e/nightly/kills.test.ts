import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { faultsOf, timed } from '../after-kill'
import { openIntercepted, type Intercepted } from '../intercepted'
import { inParallel, killRun, recordRun, type Moment, type Recorded } from '../killed-run'
import { CACHE } from '../sandbox'

const BUCKET = 'acme-killed'
// Versions keep what a plain look at the bucket does not show. Without the lifecycle rule, which takes 55 s.
const INPUTS = { versioning: 'true', 'noncurrent-days': '0' }

/** A run that is killed, and the runs before it. */
const RUNS = [
  { name: 'the first apply', command: 'apply', before: [] },
  { name: 'rotate-key', command: 'rotate-key', before: ['apply'] },
] as const
type Run = (typeof RUNS)[number]

/** Each waits a minute for a lock, so several fit into two cores. */
const AT_ONCE = 8
/** Of the requests that only read, every so many-th is a moment to be killed at. */
const SAMPLE = 8

interface Row {
  readonly run: Run
  readonly moment: Moment
  readonly problems: readonly string[]
  /** Whether the run came to that moment at all. */
  readonly isReached: boolean
  /** Of the next run, in seconds; and its longest wait. */
  readonly seconds: number
  readonly waited: number
  readonly why: string
}

async function inWorld<T>(run: Run, work: (sandbox: Intercepted) => Promise<T>): Promise<T> {
  const sandbox = await openIntercepted(BUCKET)
  try {
    for (const command of run.before) {
      const { exitCode, stdout } = await sandbox.step({ ...INPUTS, command })
      if (exitCode !== 0) throw new Error(stdout)
    }
    return await work(sandbox)
  } finally {
    await sandbox.close()
  }
}

/** Before and after every write, and after some of what is read. */
function momentsOf(requests: readonly Recorded[]): Moment[] {
  const reads = requests.filter(({ isWrite, occurrence }) => !isWrite && occurrence === 1)
  return [
    ...requests
      .filter(({ isWrite }) => isWrite)
      .flatMap(({ request, occurrence }): Moment[] => [
        { request, occurrence, when: 'before' },
        { request, occurrence, when: 'after' },
      ]),
    ...reads
      .filter((_, index) => index % SAMPLE === 0)
      .map(({ request, occurrence }): Moment => ({ request, occurrence, when: 'after' })),
  ]
}

async function killAndGoOn(run: Run, moment: Moment): Promise<Row> {
  return inWorld(run, async (sandbox) => {
    const inputs = { ...INPUTS, command: run.command }
    const isReached = (await killRun(sandbox, inputs, moment)) !== undefined
    const next = await timed((onLine) => sandbox.step(inputs, { onLine }))
    const row = {
      run,
      moment,
      isReached,
      seconds: next.seconds,
      waited: next.longestWait?.seconds ?? 0,
      why: next.longestWait?.after ?? '',
    }
    if (next.result.exitCode !== 0)
      return { ...row, problems: [`the next run failed: ${next.result.stdout.slice(-1500)}`] }
    const again = await sandbox.step(INPUTS)
    // Besides the current key there is one in its grace, where that run says so: the one that was replaced, or one
    // that a dead run may have offered to a store that nobody sees.
    const inGrace = (again.outputs['key-retires-on'] ?? '') === '' ? 0 : 1
    const isQuiet = again.exitCode === 0 && again.outputs.changes === 'false'
    return {
      ...row,
      problems: [
        ...(await faultsOf(sandbox, BUCKET, 1 + inGrace)),
        ...(run.command === 'rotate-key' && inGrace === 0 ? ['the replaced key is gone'] : []),
        ...(isQuiet ? [] : [`the third run ended with ${again.exitCode}: ${again.stdout.slice(-1500)}`]),
      ],
    }
  }).catch((error: unknown) => ({
    ...{ run, moment, isReached: true, seconds: 0, waited: 0, why: '' },
    problems: [error instanceof Error ? error.message.slice(-1500) : String(error)],
  }))
}

const cell = (text: string): string => text.replaceAll('\n', ' ').replaceAll('|', '\\|')

function table(rows: readonly Row[]): string {
  const longest = [...rows].sort((a, b) => b.waited - a.waited)[0]
  return [
    `${rows.length} kills, ${rows.filter(({ problems }) => problems.length === 0).length} of them recovered from by the next run, without a person.`,
    `The longest wait of a next run: ${longest?.waited} s, after "${longest?.why}".`,
    '',
    '| killed | at | next run, s | longest wait, s | after the line | problems |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ run, moment: { when, request, occurrence }, seconds, waited, why, problems, isReached }) =>
      [
        run.name,
        isReached ? `${when} ${request}, ${occurrence}` : `never came to ${request}, ${occurrence}`,
        `${seconds} | ${waited}`,
        cell(why),
        cell(problems.join('; ')),
      ]
        .join(' | ')
        .replace(/^/, '| ')
        .concat(' |'),
    ),
    '',
  ].join('\n')
}

// Each world has an emulator and a provider of its own, which end with the process.
process.setMaxListeners(4 * AT_ONCE)

test('killed before and after every request, the next run, started at once, ends well without a person', async () => {
  const cases: { run: Run; moment: Moment }[] = []
  for (const run of RUNS) {
    const requests = await inWorld(run, (sandbox) => recordRun(sandbox, { ...INPUTS, command: run.command }))
    cases.push(...momentsOf(requests).map((moment) => ({ run, moment })))
  }
  let done = 0
  const rows = await inParallel(AT_ONCE, cases, async ({ run, moment }) => {
    const row = await killAndGoOn(run, moment)
    process.stderr.write(`Kill ${++done} of ${cases.length}: ${table([row]).split('\n').at(-2)}\n`)
    return row
  })
  const file = path.join(CACHE, 'kills.md')
  writeFileSync(file, table(rows))
  process.stderr.write(`${table(rows).split('\n').slice(0, 2).join('\n')}\nThe table: ${file}\n`)
  expect(rows.filter(({ problems }) => problems.length > 0)).toEqual([])
  // A renewal of the lock, which comes every 15 s, may be in the record and not in the run.
  expect(rows.filter(({ isReached }) => !isReached).length).toBeLessThan(5)
  // IAM's and Terraform's own waits aside, a dead run's lock is void after a minute.
  expect(rows.filter(({ waited }) => waited > 75)).toEqual([])
}, 3_600_000)
