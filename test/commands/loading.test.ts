import { buildSync } from 'esbuild'
import path from 'node:path'

const ROOT = path.resolve(__dirname, '..', '..')

/** The files that are loaded with an entry point: what it imports, directly or not, and not what it loads later. */
function loadedWith(entryPoint: string): readonly string[] {
  const { metafile } = buildSync({
    entryPoints: [entryPoint],
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    write: false,
    metafile: true,
    logLevel: 'error',
    outdir: 'dist',
  })
  const loaded = new Set([entryPoint])
  // A set that grows while it is gone through is gone through to its new end.
  for (const file of loaded) {
    for (const { path: imported, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind !== 'dynamic-import' && external !== true) loaded.add(imported)
    }
  }
  return [...loaded]
}

const AWS = /@aws-sdk|@smithy/
const CDKTF = /node_modules\/(@cdktf|cdktf|constructs)\//

it.each([
  ['src/cli.ts', [AWS, CDKTF, /src\/(run|terraform|valohai|aws|infra|github|export)\//]],
  ['src/index.ts', [AWS, CDKTF, /src\/(run|aws|infra|export)\//]],
  ['src/commands/synth.ts', [AWS, /src\/(run|terraform|valohai|aws)\//]],
  ['src/commands/connect.ts', [CDKTF, /src\/(terraform|infra|export|state|github)\//]],
  ['src/commands/deployer-policy.ts', [AWS, CDKTF, /src\/(run|terraform|valohai|aws|export)\//]],
])('%s loads nothing that it does not need', (entryPoint, unwanted) => {
  const loaded = loadedWith(entryPoint)
  expect(loaded.length).toBeGreaterThan(10)
  for (const pattern of unwanted) expect(loaded.filter((file) => pattern.test(file))).toEqual([])
})

it('what runs on AWS does load its SDK: the measure can fail', () => {
  expect(loadedWith('src/commands/apply.ts').filter((file) => AWS.test(file))).not.toEqual([])
})
