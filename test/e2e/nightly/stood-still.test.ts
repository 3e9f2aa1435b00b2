import { describeRequest, isWrite } from '../../support/describe-request'
import { readState } from '../../support/describe-aws'
import { signalTree } from '../../support/process-tree'
import type { Passing, Verdict } from '../../support/proxy'
import { faultsOf } from '../after-kill'
import { openIntercepted } from '../intercepted'

const BUCKET = 'acme-asleep'

test('a run that stood still in the middle of Terraform’s work for longer than its lock lives changes nothing more', async () => {
  const sandbox = await openIntercepted(BUCKET)
  const sleeper = { process: 0, hasSlept: false }
  let fallAsleep = (): void => undefined
  const asleep = new Promise<void>((resolve) => (fallAsleep = resolve))
  const writesSince: string[] = []
  // Terraform's proxy is the sleeper's alone: the other run goes to the emulator straight.
  const before = async (request: Passing): Promise<Verdict> => {
    if (sleeper.hasSlept && isWrite(request)) writesSince.push(describeRequest(request))
    if (!sleeper.hasSlept && describeRequest(request) === `S3 PUT /${BUCKET}?cors`) {
      sleeper.hasSlept = true
      signalTree(sleeper.process, 'SIGSTOP')
      fallAsleep()
      // Never answered: what is asked for after the sleep counts.
      return new Promise(() => undefined)
    }
    return 'pass'
  }
  try {
    const sleeping = sandbox.stepThrough({ before }, {}, { onStart: (pid) => (sleeper.process = pid) })
    await asleep
    const direct = { ...sandbox.environment, AWS_ENDPOINT_URL: sandbox.emulator.url }
    const other = await sandbox.step({}, { environment: direct })
    expect(other).toMatchObject({ exitCode: 0, outputs: { 'store-action': 'created' } })
    const state = await readState(sandbox.emulator, BUCKET)

    writesSince.length = 0
    signalTree(sleeper.process, 'SIGCONT')
    const woken = await sleeping
    expect(woken.exitCode).toBe(1)
    expect(woken.stdout).toContain('another run took over its lock')
    // It asks for its lock, in vain; whatever Terraform had under way when it woke is not worth more than a moment.
    expect(writesSince.filter((name) => !name.includes('run-lock'))).toEqual([])
    expect(await readState(sandbox.emulator, BUCKET)).toBe(state)
    expect(await faultsOf(sandbox, BUCKET, 1)).toEqual([])
    expect(await sandbox.step({})).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  } finally {
    if (sleeper.process !== 0) signalTree(sleeper.process, 'SIGKILL')
    await sandbox.close()
  }
})
