import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { writeRegularFile } from '../src/regular-file'
import { removeDirectories, temporaryDirectory } from './support/terraform-scripts'

let file: string

beforeEach(() => {
  file = path.join(temporaryDirectory(), 'values.json')
})

afterEach(removeDirectories)

const names = (): string[] => readdirSync(path.dirname(file))

test('a file is replaced as a whole: who has it open goes on reading what it was, and its mode stays', async () => {
  writeFileSync(file, 'before')
  chmodSync(file, 0o640)
  const { ino } = statSync(file)
  await writeRegularFile(file, 'after')
  expect(readFileSync(file, 'utf8')).toBe('after')
  expect(statSync(file).ino).not.toBe(ino)
  expect(statSync(file).mode & 0o777).toBe(0o640)
  expect(names()).toEqual(['values.json'])
})

test.each<[what: string, put: () => void]>([
  [
    'a symbolic link',
    () => {
      writeFileSync(`${file}.other`, 'of somebody')
      symlinkSync(`${file}.other`, file)
    },
  ],
  ['a directory', () => mkdirSync(file)],
])('%s is neither followed nor replaced', async (_what, put) => {
  put()
  const before = names()
  await expect(writeRegularFile(file, 'after')).rejects.toThrow('is not a regular file')
  expect(names()).toEqual(before)
})
