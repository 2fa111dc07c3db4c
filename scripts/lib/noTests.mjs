// In the place of vitest, for programs that use the tests' helpers.
export const afterEach = () => {};
/** Nothing here asserts by it. */
export const expect = () => {
  throw new Error('expect outside a test');
};
