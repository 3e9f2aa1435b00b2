import * as core from '@actions/core'
import nock from 'nock'
import type { Request } from '../../src/config'
import { InvalidInput } from '../../src/config'
import { RunFailed } from '../../src/reporting/failure'
import { ActionReporter } from '../../src/github/action-reporter'
import { annotateFailure } from '../../src/github/annotations'
import type { GithubContext } from '../../src/github/context'
import { annotationsOf } from '../../src/github/failure-parts'
import { Report } from '../../src/github/report'
import type { Outcome } from '../../src/decide/outcome'
import { TerraformError } from '../../src/terraform/diagnostics'
import type { Diagnostic } from '../../src/terraform/events'
import { ValohaiError } from '../../src/valohai'
import { startGithubStandIn, type GithubStandIn, type GithubStandInOptions } from '../support/github-stand-in'
import { applied, request, github, nothing, planned, TOKEN } from './samples'

/** What went to the log, commands and all, as the runner reads it. */
let log = ''
beforeEach(() => {
  log = ''
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    log += String(chunk)
    return true
  })
})
afterEach(() => {
  jest.restoreAllMocks()
  process.exitCode = undefined
})
const commands = (name: string): string[] => log.split('\n').filter((line) => line.startsWith(`::${name}`))

describe('the reporter', () => {
  it('makes one annotation of the warnings of a step, and keeps them and the times', async () => {
    const reporter = new ActionReporter()
    await reporter.step('Plan', async () => {
      reporter.warning('One.\n  More of it.')
      reporter.warning('Two.')
      reporter.warning('Two.')
      await Promise.resolve()
    })
    await expect(reporter.step('Apply', () => Promise.reject(new Error('No.')))).rejects.toThrow('No.')
    expect(commands('warning')).toEqual(['::warning title=Plan%3A 2 warnings::One.%0A  More of it.%0ATwo.'])
    expect(reporter.warnings).toEqual(['One.\n  More of it.', 'Two.'])
    expect(reporter.steps).toMatchObject([
      { name: 'Plan', failed: false },
      { name: 'Apply', failed: true },
    ])
    expect(log).toContain('::group::Apply')
    expect(log).toMatch(/::endgroup::\r?\n✗ Apply \(0\.0 s\)/)
  })

  it('emits the warnings of a step that fails, and those outside of any at the end', async () => {
    const reporter = new ActionReporter()
    const failing = (): Promise<void> => {
      reporter.warning('Inside.')
      return Promise.reject(new Error('No.'))
    }
    await expect(reporter.step('Plan', failing)).rejects.toThrow('No.')
    reporter.warning('Outside.')
    expect(commands('warning')).toEqual(['::warning title=Plan%3A warning::Inside.'])
    reporter.flush()
    reporter.flush()
    expect(commands('warning').slice(1)).toEqual(['::warning title=Warning::Outside.'])
  })

  it('lets no text be a command of the runner', () => {
    const reporter = new ActionReporter()
    reporter.info('text\n::set-output name=x::1\r  ::add-mask::y\n##[error]z a::b')
    expect(log).not.toMatch(/^\s*::|##\[/m)
    expect(log).toContain('a::b')
  })

  it('masks a secret in the log, and replaces it everywhere else', () => {
    const reporter = new ActionReporter()
    reporter.mask('hunter2')
    reporter.mask('')
    expect(commands('add-mask')).toEqual(['::add-mask::hunter2'])
    expect(reporter.redact('is hunter2')).toBe('is ***')
  })
})

describe('annotations of a failure', () => {
  const diagnostic = (address: string | undefined, summary = 'AccessDenied'): Diagnostic => ({
    severity: 'error',
    summary,
    detail: 'Not you.',
    address,
  })
  const failed = (cause: unknown, exists: string[] = []): RunFailed =>
    new RunFailed({ step: 'Apply', cause, exists })

  it('name the resource of each error of Terraform, and say nothing twice', () => {
    const cause = new TerraformError(
      'apply',
      [diagnostic('aws_s3_bucket.store'), diagnostic(undefined, 'No credentials')],
      '',
      1,
    )
    annotateFailure(failed(cause, ['The bucket my-bucket.']))
    expect(commands('error')).toEqual([
      '::error title=terraform apply failed%3A aws_s3_bucket.store::aws_s3_bucket.store: AccessDenied%0A  Not you.',
      '::error title=terraform apply failed%3A No credentials::No credentials%0A  Not you.',
      '::error::"Apply" failed. What exists now, and what to do, is in the log and the job summary.',
    ])
    expect(log).toContain('What exists now:\n- The bucket my-bucket.\nNo data is deleted.')
    expect(log.match(/AccessDenied/g)).toHaveLength(1)
    expect(process.exitCode).toBe(1)
  })

  it('stay within what GitHub shows', () => {
    const many = Array.from({ length: 30 }, (_, index) => diagnostic(`a.b${index}`))
    const annotations = annotationsOf(failed(new TerraformError('apply', many, '', 1)))
    expect(annotations).toHaveLength(8)
    expect(annotations.at(-1)?.title).toBe('terraform apply failed: 23 more')
    expect(annotations.at(-1)?.message).toContain('a.b29: AccessDenied')
  })

  it.each([
    [
      new TerraformError('init', [], 'Could not download.', 1),
      'terraform init failed',
      'Could not download.',
    ],
    [
      new ValohaiError('No such project', { status: 404 }),
      'Apply failed: Valohai, HTTP 404',
      'No such project',
    ],
    [new ValohaiError('Could not reach it'), 'Apply failed: Valohai', 'Could not reach it'],
    [new Error('Why not'), 'Apply failed', 'Why not'],
    [new Error('The run was cancelled. x', { cause: 1 }), 'Cancelled at "Apply"', 'The run was cancelled. x'],
    ['text', 'Apply failed', 'text'],
  ])('%s', (cause, title, message) => {
    expect(annotationsOf(failed(cause))).toEqual([{ title, message }])
  })

  it('list invalid input once', () => {
    annotateFailure(new InvalidInput([{ input: 'bucket', problem: 'Nothing is given', fix: 'Give one' }]))
    expect(commands('error')).toEqual([
      '::error title=Invalid input%3A 1 problem::- bucket: Nothing is given. Give one.',
      '::error::Invalid input. Nothing was changed.',
    ])
  })

  it('of a mistake of ours say what it is', () => {
    annotateFailure(new TypeError('x is not a function'))
    expect(commands('error')[0]).toBe('::error title=Failed::x is not a function')
  })

  it('redact', () => {
    annotateFailure(failed(new Error('hunter2'), ['hunter2']), (text) => text.replaceAll('hunter2', '***'))
    expect(log).not.toContain('hunter2')
  })
})

describe('a report', () => {
  let server: GithubStandIn
  let summary = ''
  const start = async (options?: GithubStandInOptions): Promise<void> => {
    nock.enableNetConnect('127.0.0.1')
    summary = ''
    server = await startGithubStandIn(options)
  }
  afterEach(async () => {
    await server.close()
    nock.disableNetConnect()
  })

  const plan = (): Request => ({ ...request, github: { comment: true, issue: false, token: server.token } })
  const context = (pullRequest: Partial<GithubContext['pullRequest']> = {}): GithubContext => ({
    ...github,
    apiUrl: server.apiUrl,
    repository: { owner: server.owner, repo: server.repo },
    pullRequest: { ...github.pullRequest!, ...pullRequest },
  })
  const report = async (
    outcome: Outcome,
    { from = plan(), where = context() } = {},
  ): Promise<ActionReporter> => {
    const reporter = new ActionReporter()
    await new Report({
      reporter,
      github: where,
      writeSummary: (markdown) => Promise.resolve((summary += markdown)),
      sleep: () => Promise.resolve(),
    }).outcome(from, outcome)
    return reporter
  }

  it('of a plan is a comment, then the same comment, and a summary each', async () => {
    await start()
    await report(planned)
    await report(nothing)
    expect(server.comments).toHaveLength(1)
    expect(server.comments[0]!.body).toContain('**No changes**')
    expect(summary.match(/^### /gm)).toHaveLength(2)
    expect(log).toContain('Plan comment on pull request #17 updated')
    expect(log).toContain("::group::Terraform's plan")
    expect(commands('warning')).toEqual([])
  })

  it.each([
    ['an apply', applied, {}],
    ['a plan with nothing to change', nothing, {}],
    ['a plan that is not of a pull request', planned, { where: 'nowhere' }],
    ['a plan with `comment: false`', planned, { comment: false }],
  ])(
    'of %s makes no comment',
    async (_, outcome, { where, comment = true }: { where?: string; comment?: boolean }) => {
      await start()
      const from = { ...plan(), github: { comment, issue: false, token: server.token } }
      await report(outcome, { from, where: where ? { ...context(), pullRequest: undefined } : context() })
      expect(server.comments).toEqual([])
      expect(summary).not.toBe('')
      expect(commands('warning')).toEqual([])
    },
  )

  it.each([
    [{ readOnly: 'fork' } as const, 'a pull request from a fork gets a token that can only read'],
    [{ readOnly: 'dependabot' } as const, 'a run that Dependabot starts gets a token that can only read'],
    [{}, 'Please add "permissions: pull-requests: write" to the job.'],
  ])('with a token that can only read (%j) is the summary and one warning', async (pullRequest, why) => {
    await start()
    server.quirks.forbidden = 'write'
    await report(planned, { where: context(pullRequest) })
    expect(commands('warning')).toHaveLength(1)
    expect(commands('warning')[0]).toContain(why)
    expect(summary).toContain('Plan of S3 bucket')
    expect(summary).toContain('1 warning')
    expect(process.exitCode).toBeUndefined()
  })

  it.each([
    ['is down', { outages: Infinity }, 'HTTP 502'],
    ['hides the comments', { forbidden: 'all' as const }, 'HTTP 403|lacks "pull-requests: write"'],
  ])('while GitHub %s is the summary and one warning', async (_, quirks, why) => {
    await start()
    Object.assign(server.quirks, quirks)
    await report(planned)
    expect(commands('warning')).toHaveLength(1)
    expect(commands('warning')[0]).toMatch(new RegExp(why))
    expect(summary).toContain('Plan of S3 bucket')
    expect(process.exitCode).toBeUndefined()
  })

  it('of a plan without `github-token` says why there is no comment', async () => {
    await start()
    await report(planned, { from: { ...plan(), github: { comment: true, issue: false, token: undefined } } })
    expect(commands('warning')[0]).toContain('`github-token` is empty')
  })

  it('works on an Enterprise Server', async () => {
    await start({ basePath: '/api/v3', otherComments: 150 })
    await report(planned)
    await report(planned)
    expect(server.comments).toHaveLength(151)
  })

  it('holds no token anywhere', async () => {
    await start()
    await report(planned)
    const everything = summary + log + server.comments.map(({ body }) => body).join()
    expect(everything).not.toContain(TOKEN)
    expect(everything).not.toContain(server.token)
  })

  it('that cannot write its summary is a warning', async () => {
    await start()
    const reporter = new ActionReporter()
    const writeSummary = (): Promise<never> => Promise.reject(new Error('No space left'))
    await new Report({ reporter, github: context(), writeSummary }).outcome(plan(), applied)
    expect(commands('warning')).toEqual(['::warning title=Warning::No job summary: No space left'])
    expect(process.exitCode).toBeUndefined()
  })

  it('of a failure fails the step, once everything is told', async () => {
    await start()
    const reporter = new ActionReporter()
    const error = new RunFailed({ step: 'Apply', cause: new Error('No.'), exists: [] })
    const writeSummary = (markdown: string): Promise<unknown> => Promise.resolve((summary = markdown))
    await new Report({ reporter, github: context(), writeSummary }).failure(error, plan())
    expect(summary).toContain('failed at “Apply”')
    expect(process.exitCode).toBe(core.ExitCode.Failure)
  })

  it('of a synth lists the files', async () => {
    await start()
    const writeSummary = (markdown: string): Promise<unknown> => Promise.resolve((summary = markdown))
    await new Report({ reporter: new ActionReporter(), github, writeSummary }).synth(
      { ...request, command: 'synth' },
      { directory: '/x', names: ['main.tf'] },
    )
    expect(summary).toContain('| `main.tf` |')
  })
})
