import * as core from '@actions/core'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cancellation } from './reporting/cancellation'
import { parseRequest, secretsOf, type Request, type InputSource } from './config'
import { exportTerraform } from './export'
import { ActionReporter } from './github/action-reporter'
import { githubContext } from './github/context'
import { Report } from './github/report'
import { outputsOf } from './decide/outcome'

/** The Action's front door: reads the inputs, runs, sets the outputs, reports on GitHub. */
async function main(): Promise<void> {
  const source: InputSource = { get: (name) => core.getInput(name), environment: process.env }
  const reporter = new ActionReporter()
  for (const secret of secretsOf(source)) reporter.mask(secret)
  const github = githubContext(process.env, (file) => readFileSync(file, 'utf8'))
  const report = new Report({ reporter, github })
  let request: Request | undefined
  try {
    request = parseRequest(source)
    if (request.command === 'synth') {
      const exported = await exportTerraform(request)
      for (const name of exported.written) reporter.info(`Wrote ${name}`)
      for (const name of exported.removed) reporter.info(`Removed ${name}, which is no part of it any more`)
      core.setOutput('terraform-dir', exported.directory)
      await report.synth(request, { directory: exported.directory, names: exported.written })
      return
    }
    const temporaryDirectory = process.env.RUNNER_TEMP ?? tmpdir()
    // Loaded here: synth needs none of it, and starts at once.
    const { runForReal } = await import('./run/real-world')
    const outcome = await runForReal(request, {
      reporter,
      environment: process.env,
      signal: cancellation(),
      holder: github.runUrl ?? 'a workflow run',
      temporaryDirectory,
      keepDirectory: true,
      cacheDirectory: process.env.RUNNER_TOOL_CACHE ?? path.join(temporaryDirectory, 'tool-cache'),
      workspace: process.env.GITHUB_WORKSPACE ?? process.cwd(),
    })
    for (const [name, value] of Object.entries(outputsOf(outcome, request))) core.setOutput(name, value)
    await report.outcome(request, outcome)
  } catch (error) {
    await report.failure(error, request)
  }
}

void main()
