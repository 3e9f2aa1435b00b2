import { RunFailed } from '../../src/reporting/failure'
import { Progress } from '../../src/reporting/progress'
import type { Reporter } from '../../src/reporting/reporter'

const steps: string[] = []
const reporter: Reporter = {
  step: (name, work) => {
    steps.push(name)
    return work()
  },
  info: () => undefined,
  debug: () => undefined,
  warning: () => undefined,
  mask: () => undefined,
}

beforeEach(() => {
  steps.length = 0
})

/** What a run makes of a step of it that fails. */
const failureOf = (progress: Progress, work: () => Promise<unknown>): Promise<RunFailed> =>
  progress.step('Apply', work).then(
    () => Promise.reject(new Error('It did not fail.')),
    (cause: unknown) => progress.failure(cause),
  )

it('runs a step under its name and gives back what it gives', async () => {
  const progress = new Progress(reporter, new AbortController().signal)
  await expect(progress.step('Apply', () => Promise.resolve(7))).resolves.toBe(7)
  expect(steps).toEqual(['Apply'])
})

it('tells of a failure: the step, why, what exists, what to do', async () => {
  const progress = new Progress(reporter, new AbortController().signal)
  progress.exists('The bucket b.')
  progress.exists('The role r.')
  progress.exists('The bucket b.')
  progress.describe(['The user u.', 'The access key AKIA1.'])
  progress.made('The access key AKIA2.')
  progress.gone('AKIA1')
  const cause = new Error('AccessDenied\nAsk for s3:CreateBucket.')
  const error = await failureOf(progress, () => Promise.reject(cause))
  expect(error.message).toBe(
    [
      'Apply: failed.',
      'AccessDenied',
      'Ask for s3:CreateBucket.',
      '',
      'What exists now:',
      '- The bucket b.',
      '- The role r.',
      '- The user u.',
      '- The access key AKIA2.',
      'No data is deleted. Run it again once the cause is repaired: it goes on from here.',
    ].join('\n'),
  )
  expect(error.step).toBe('Apply')
  expect(error.cause).toBe(cause)
})

it('takes what was thrown and is no error', async () => {
  const progress = new Progress(reporter, new AbortController().signal)
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const error = await failureOf(progress, () => Promise.reject('a text'))
  expect(error.message).toMatch(/^Apply: failed\.\na text\n\nNothing was made or changed\./)
})

it('keeps what exists of the moment of the failure', async () => {
  const progress = new Progress(reporter, new AbortController().signal)
  const work = (): Promise<never> => {
    progress.exists('Made by the step itself.')
    return Promise.reject(new Error('then it broke'))
  }
  expect((await failureOf(progress, work)).message).toContain('- Made by the step itself.')
})

describe('when the run is cancelled', () => {
  it('begins no step', async () => {
    const progress = new Progress(reporter, AbortSignal.abort())
    const work = jest.fn(() => Promise.resolve())
    const error = await failureOf(progress, work)
    expect(work).not.toHaveBeenCalled()
    expect(error.message).toMatch(/^Apply: failed\.\nThe run was cancelled before this step\.\n/)
  })

  it('says so where the step under way fails for it, and why it failed', async () => {
    const controller = new AbortController()
    const progress = new Progress(reporter, controller.signal)
    const cause = new Error('execution halted')
    const error = await failureOf(progress, () => {
      controller.abort()
      return Promise.reject(cause)
    })
    expect(error.message).toMatch(/^Apply: failed\.\nThe run was cancelled\. execution halted\n/)
    expect((error.cause as Error).cause).toBe(cause)
  })

  it('lets the step under way end well', async () => {
    const controller = new AbortController()
    const progress = new Progress(reporter, controller.signal)
    const work = (): Promise<string> => {
      controller.abort()
      return Promise.resolve('saved')
    }
    await expect(progress.step('Apply', work)).resolves.toBe('saved')
  })
})
