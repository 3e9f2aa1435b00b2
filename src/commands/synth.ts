import path from 'node:path'
import type { Invocation } from '../config'
import { exportTerraform } from '../export'
import type { Door, Result } from './command'

/** Writes the Terraform for review. */
export async function run({ request }: Invocation, { reporter }: Door): Promise<Result> {
  const { directory, written, removed } = await exportTerraform(request)
  for (const name of removed) reporter.info(`Removed ${name}, which is no part of it any more`)
  return {
    outputs: { 'terraform-dir': directory },
    lines: written.map((name) => path.join(path.relative('', directory), name)),
    report: (report) => report.synth(request, { directory, names: written }),
  }
}
