import type { StepOptions, StepResult } from '../support/action-runner'
import { startProxy, type ProxyOptions } from '../support/proxy'
import { openSandbox, type Sandbox, type SandboxOptions } from './sandbox'

/** A sandbox whose runs reach AWS and Valohai through proxies, which may do to a request what a network does. */
export interface Intercepted extends Sandbox {
  /** Runs a step while the proxies do what `hooks` say. */
  stepThrough(
    hooks: ProxyOptions,
    inputs?: Readonly<Record<string, string>>,
    options?: Partial<StepOptions>,
  ): Promise<StepResult>
}

/** Opens it. While no hooks are given, everything is passed on. */
export async function openIntercepted(bucket: string, options: SandboxOptions = {}): Promise<Intercepted> {
  const sandbox = await openSandbox(bucket, options)
  let hooks: ProxyOptions = {}
  const swappable: ProxyOptions = {
    before: (request) => hooks.before?.(request) ?? 'pass',
    after: (request, status) => hooks.after?.(request, status) ?? 'pass',
  }
  const aws = await startProxy(sandbox.emulator.url, swappable)
  const valohai = await startProxy(sandbox.valohai.url, swappable)
  const step: Sandbox['step'] = (inputs, { environment = sandbox.environment, ...more } = {}) =>
    sandbox.step(
      // The same for every run: its origin stands in the CORS rules.
      { 'valohai-url': valohai.url, ...inputs },
      { environment: { ...environment, AWS_ENDPOINT_URL: aws.url }, ...more },
    )
  return {
    ...sandbox,
    step,
    stepThrough: async (given, inputs = {}, more = {}) => {
      // With a provider of its own, which takes the proxy: the one that tests share knows the emulator alone.
      const environment = Object.fromEntries(
        Object.entries(sandbox.environment).filter(([name]) => name !== 'TF_REATTACH_PROVIDERS'),
      )
      hooks = given
      try {
        return await step(inputs, { environment, ...more })
      } finally {
        hooks = {}
      }
    },
    close: async () => {
      await aws.close()
      await valohai.close()
      await sandbox.close()
    },
  }
}
