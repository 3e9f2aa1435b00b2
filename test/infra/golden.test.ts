import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { COMMANDS } from '../../src/commands'
import { parseRequest } from '../../src/config'
import { exportedFiles } from '../../src/export'

const GOLDEN = path.join(__dirname, 'golden')

/** The exports that are kept, to be read by eye: the default ones, and one with every option on. */
const EXPORTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  root: {},
  module: { layout: 'module' },
  // A bucket that is managed elsewhere, for a second project.
  elsewhere: { 'manage-bucket': 'false', 'valohai-project': 'acme/churn-model' },
  everything: {
    versioning: 'true',
    'kms-key-arn': 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    'kms-decrypt-key-arns': 'arn:aws:kms:eu-west-1:123456789012:key/0234abcd-12ab-34cd-56ef-1234567890ab',
    'deny-reconfiguration': 'true',
    'iam-path': '/valohai/',
    'permissions-boundary': 'arn:aws:iam::123456789012:policy/boundary',
    'store-name': 'Churn outputs',
    'valohai-url': 'https://valohai.example.com',
    tags: 'team=ml\ncost-center=1234',
  },
}

const filesOf = (inputs: Readonly<Record<string, string>>): Record<string, string> => {
  const given: Readonly<Record<string, string>> = {
    command: 'synth',
    bucket: 'my-valohai-bucket',
    region: 'eu-west-1',
    ...inputs,
  }
  const { request } = parseRequest({ get: (name) => given[name], environment: {} }, COMMANDS)
  return Object.fromEntries(exportedFiles(request))
}

const read = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [path.relative(directory, file), readFileSync(file, 'utf8')]),
  )

test.each(Object.keys(EXPORTS))('%s is the export that was read and approved', (name) => {
  const directory = path.join(GOLDEN, name)
  const files = filesOf(EXPORTS[name]!)
  if (process.env.UPDATE_GOLDEN === '1') {
    rmSync(directory, { recursive: true, force: true })
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true })
      writeFileSync(path.join(directory, file), text)
    }
  }
  expect(read(directory)).toEqual(files)
})
