// In the place of the package string-width, which yargs asks how wide its help is: finding out about emoji takes
// 10 ms of each start, and the help is ASCII (a test says so).
export default (text) => text.length;
