// In the place of vitest, for programs that use the tests' helpers.
export const afterEach = () => {};
