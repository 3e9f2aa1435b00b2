import * as core from '@actions/core'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseConfiguration, secretsOf, type InputSource } from './config'
import { exportTerraform } from './export'
import { ActionReporter } from './github/action-reporter'
import { cancellation } from './cancellation'
import { outputsOf } from './outcome'

/** The Action's front door: reads the inputs, runs, sets the outputs. */
async function main(): Promise<void> {
  const source: InputSource = { get: (name) => core.getInput(name), environment: process.env }
  for (const secret of secretsOf(source)) core.setSecret(secret)
  try {
    const configuration = parseConfiguration(source)
    if (configuration.command === 'synth') {
      const { directory, written, removed } = await exportTerraform(configuration)
      for (const name of written) core.info(`Wrote ${name}`)
      for (const name of removed) core.info(`Removed ${name}, which is no part of it any more`)
      core.setOutput('terraform-dir', directory)
      return
    }
    const temporaryDirectory = process.env.RUNNER_TEMP ?? tmpdir()
    // Loaded here: synth needs none of it, and starts at once.
    const { runForReal } = await import('./wiring')
    const outcome = await runForReal(configuration, {
      reporter: new ActionReporter(),
      environment: process.env,
      signal: cancellation(),
      holder: workflowRun(process.env),
      temporaryDirectory,
      cacheDirectory: process.env.RUNNER_TOOL_CACHE ?? path.join(temporaryDirectory, 'tool-cache'),
      workspace: process.env.GITHUB_WORKSPACE ?? process.cwd(),
    })
    for (const [name, value] of Object.entries(outputsOf(outcome, configuration))) core.setOutput(name, value)
  } catch (error) {
    core.setFailed(error instanceof Error ? error.message : String(error))
  }
}

/** Address of the workflow run, as the person who waits for it can open it. */
function workflowRun({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID }: NodeJS.ProcessEnv): string {
  return GITHUB_RUN_ID === undefined
    ? 'a workflow run'
    : `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY ?? ''}/actions/runs/${GITHUB_RUN_ID}`
}

void main()
