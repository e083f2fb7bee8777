// File names in messages as GNU's tools show them: as they are where a shell would take them so, quoted for the shell where not.

import { encodeText } from '../bytes/text.ts';
import { wordIn } from '../model/names.ts';

/** Controls, invisible and bidirectional marks, what Unicode has not assigned, and bytes that are no UTF-8. */
const UNSAFE = /[\p{C}\u2028\u2029]/u;

/** What means something to a shell; a colon would be taken for the message's own. */
const SPECIAL = /^[#~]|^[{}]$|[ !"$&'()*:;<=>?[\\^`|]/;

/** What keeps its meaning within double quotes, beside a single quote. */
const DOUBLE = /^[#~]?[^!"#$&()*;<=>?[\\^`{|}~]*$/;

/** What a build's log would take for a command; quotes that end and begin again before the bracket are nothing to a shell. */
const COMMAND = /##(?:vso|teamcity)?(?=\[)/gi;

const SHORT: Readonly<Record<string, string>> = { '\u0007': '\\a', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\v': '\\v', '\f': '\\f', '\r': '\\r' };

function escaped(character: string): string {
  const short = wordIn(SHORT, character);
  if (short !== undefined) return short;
  return Array.from(encodeText(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** A name for a message: one line, no control, and what a shell makes of it is the name. */
export function quoted(name: string): string {
  const unsafe = UNSAFE.test(name);
  if (name !== '' && !unsafe && !SPECIAL.test(name)) return name;
  if (!unsafe && name.includes("'") && DOUBLE.test(name)) return `"${name}"`;
  let text = "'";
  let escaping = false; // within $'…'
  for (const character of name) {
    if (UNSAFE.test(character)) {
      text += (escaping ? '' : "'$'") + escaped(character);
      escaping = true;
    } else if (character === "'") {
      text += "'\\''";
      escaping = false;
    } else {
      text += (escaping ? "''" : '') + character;
      escaping = false;
    }
  }
  return `${text}'`.replace(COMMAND, "$&''");
}
