/**
 * A signal that is aborted when the run is cancelled: by Ctrl-C, or by a runner, which sends SIGINT and
 * 7.5 seconds later SIGTERM. Further signals change nothing: Terraform is stopping already, and a second
 * one would make it leave its state unsaved.
 */
export function cancellation(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => controller.abort(new Error(`Cancelled by ${name}.`)))
  }
  return controller.signal
}
