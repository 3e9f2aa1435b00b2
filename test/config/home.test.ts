import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { homeDirectory, provideHome } from '../../src/config'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'valohai-s3-test-'))
  // As for a user id without an entry in passwd.
  jest.spyOn(os, 'homedir').mockImplementation(() => {
    throw new Error('uv_os_homedir returned ENOENT')
  })
})

afterEach(() => {
  jest.restoreAllMocks()
  rmSync(directory, { recursive: true, force: true })
})

it.each([{}, { HOME: '' }])('is made where nothing tells which it is: %j', (variables) => {
  const environment: NodeJS.ProcessEnv = { ...variables }
  expect(homeDirectory(environment)).toBeUndefined()
  provideHome(environment, directory)
  expect(path.dirname(environment.HOME ?? '')).toBe(directory)
  expect(existsSync(environment.HOME ?? '')).toBe(true)
})

it('stays where there is one', () => {
  const environment = { HOME: '/home/me' }
  provideHome(environment, directory)
  expect(environment).toEqual({ HOME: '/home/me' })
})
