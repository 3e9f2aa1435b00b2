import path from 'node:path'
import type { InputValues, Invocation } from '../config'
import { exportTerraform } from '../export'
import type { Door, Result } from './command'

/** Writes the Terraform for review. */
export async function run({ request, inputs }: Invocation, { reporter }: Door): Promise<Result> {
  const { directory, written, removed } = await exportTerraform(request, await publicKeyOf(inputs))
  for (const name of removed) reporter.info(`Removed ${name}, which is no part of it any more`)
  return {
    outputs: { 'terraform-dir': directory },
    lines: written.map((name) => path.join(path.relative('', directory), name)),
    report: (report) => report.synth(request, { directory, names: written }),
  }
}

/** Only where one is given is the library loaded that reads it. */
async function publicKeyOf({ 'pgp-key': file }: InputValues): Promise<string | undefined> {
  if (file === undefined) return undefined
  const { readPublicKey } = await import('../export/public-key')
  return readPublicKey(file)
}
