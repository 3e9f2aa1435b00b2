import * as core from '@actions/core'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { COMMANDS, type Door } from './commands'
import { type InputSource, parseRequest, type Request, secretsOf, settleHome } from './config'
import { ActionReporter } from './github/action-reporter'
import { githubContext } from './github/context'
import { Report } from './github/report'
import { cancellation } from './reporting/cancellation'

/** The Action's front door: reads the inputs, runs the command, sets the outputs, reports on GitHub. */
async function main(): Promise<void> {
  const source: InputSource = { get: (name) => core.getInput(name), environment: process.env }
  const reporter = new ActionReporter()
  for (const secret of secretsOf(source)) reporter.mask(secret)
  const github = githubContext(process.env, (file) => readFileSync(file, 'utf8'))
  const report = new Report({ reporter, github })
  const temporaryDirectory = process.env.RUNNER_TEMP ?? tmpdir()
  const door: Door = {
    reporter,
    github,
    surroundings: () => ({
      reporter,
      environment: process.env,
      signal: cancellation(),
      holder: github.runUrl ?? 'a workflow run',
      temporaryDirectory,
      keepDirectory: true,
      cacheDirectory: process.env.RUNNER_TOOL_CACHE ?? path.join(temporaryDirectory, 'tool-cache'),
      workspace: process.env.GITHUB_WORKSPACE ?? process.cwd(),
    }),
  }

  let request: Request | undefined
  try {
    const invocation = parseRequest(source, COMMANDS)
    request = invocation.request
    const { run } = await invocation.command.load()
    const result = await run(invocation, door)
    for (const line of result.lines ?? []) reporter.info(typeof line === 'string' ? line : line.text)
    // The runner masks what it prints, and not what it hands on: what was found in AWS may hold a secret.
    for (const [name, value] of Object.entries(result.outputs)) core.setOutput(name, reporter.redact(value))
    await result.report(report)
    if (result.failure !== undefined) core.setFailed(result.failure)
  } catch (error) {
    await report.failure(error, request)
  }
}

settleHome(process.env)
void main()
