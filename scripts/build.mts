/** Bundles the two front doors into `dist/`, with the notices of everything that is bundled, and the module. */
import { chmod, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { writeModule } from './module'
import { notices } from './notices'

const result = await build({
  entryPoints: { index: 'src/index.ts', cli: 'src/cli.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  legalComments: 'none',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  metafile: true,
  // The packages may be a link to those of another work tree: the bundle is the same, and tells nobody's paths.
  preserveSymlinks: true,
  // ES modules in the bundle ask for their own address; a CommonJS bundle knows it by another name.
  define: { 'import.meta.url': 'moduleUrl' },
  banner: {
    js: "#!/usr/bin/env node\nconst moduleUrl = require('node:url').pathToFileURL(__filename).href;",
  },
  logLevel: 'warning',
})
await chmod('dist/cli.js', 0o755)
await writeFile('dist/THIRD-PARTY-NOTICES.txt', await notices(Object.keys(result.metafile.inputs)))
for (const [file, { bytes }] of Object.entries(result.metafile.outputs)) {
  console.log(`${file}  ${(bytes / 1024).toFixed(0)} KiB`)
}
console.log(await writeModule())
