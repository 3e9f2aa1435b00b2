import nock from 'nock'

// A unit test that would reach a network, loopback included, fails instead; a test of a loopback
// server says so with `nock.enableNetConnect('127.0.0.1')`.
beforeAll(() => {
  nock.disableNetConnect()
})

afterEach(() => {
  nock.cleanAll()
})

afterAll(() => {
  nock.restore()
})
