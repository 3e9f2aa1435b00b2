/** The account that the mocked AWS of the exported tests answers with. */
export const TEST_ACCOUNT = '123456789012'
