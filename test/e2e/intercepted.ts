import type { StepOptions, StepResult } from '../support/action-runner'
import { startProxy, type ProxyOptions } from '../support/proxy'
import { openSandbox, type Sandbox, type SandboxOptions } from './sandbox'

/** A sandbox whose runs reach AWS and Valohai through proxies, which may do to a request what a network does. */
export interface Intercepted extends Sandbox {
  /** Where the proxy in front of Valohai is; the one in front of AWS stands in `environment`. */
  readonly valohaiUrl: string
  /** Does something while the proxies do what `hooks` say. */
  through<T>(hooks: ProxyOptions, work: () => Promise<T>): Promise<T>
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
  // With a provider of its own, which takes the proxy: the one that tests share knows the emulator alone.
  const environment = Object.fromEntries(
    Object.entries({ ...sandbox.environment, AWS_ENDPOINT_URL: aws.url }).filter(
      ([name]) => name !== 'TF_REATTACH_PROVIDERS',
    ),
  )
  const step: Sandbox['step'] = (inputs, more) =>
    // The same for every run: its origin stands in the CORS rules.
    sandbox.step({ 'valohai-url': valohai.url, ...inputs }, more)
  const through: Intercepted['through'] = async (given, work) => {
    hooks = given
    try {
      return await work()
    } finally {
      hooks = {}
    }
  }
  return {
    ...sandbox,
    environment,
    valohaiUrl: valohai.url,
    step,
    through,
    stepThrough: (given, inputs = {}, more = {}) =>
      through(given, () => step(inputs, { environment, ...more })),
    close: async () => {
      await aws.close()
      await valohai.close()
      await sandbox.close()
    },
  }
}
