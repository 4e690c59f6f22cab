// Lets the programs beside this file look at data. Takes on standard input a list of
// {script, dir, file} and gives for each the list of what was found.
const fs = require('fs');

(async () => {
  const found = [];
  for (const { script, dir, file } of JSON.parse(fs.readFileSync(0, 'utf8'))) {
    found.push(await require(`./${script}`)(dir, file).catch((e) => [e.stack]));
  }
  process.stdout.write(JSON.stringify(found));
})();
