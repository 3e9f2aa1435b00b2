import path from 'node:path'
import { findMoto } from './emulator'
import { installProvider } from './provider'

/** Where the emulator and Terraform's AWS provider are kept from run to run. */
export const CACHE = path.resolve(__dirname, '..', '..', '.cache')

/** Found or installed once before all end-to-end tests, so that no two of them install it at the same time. */
export interface Prepared {
  readonly motoServer: string
  readonly awsProvider: string
}

const VARIABLE = 'VALOHAI_S3_TEST_PREPARED'

/** Jest's `globalSetup` of the end-to-end tests; the processes that it starts later inherit what this leaves. */
export default function prepare(): void {
  const prepared: Prepared = { motoServer: findMoto(CACHE), awsProvider: installProvider(CACHE) }
  process.env[VARIABLE] = JSON.stringify(prepared)
}

export function prepared(): Prepared {
  return JSON.parse(process.env[VARIABLE] ?? '') as Prepared
}
