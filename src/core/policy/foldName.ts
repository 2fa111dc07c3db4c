/**
 * What all spellings of a name have in common where file names have no case: such file systems take `\u017f` for
 * `s`, composed letters for decomposed ones and, some of them, pass over what shows as nothing. To fold more than
 * they do is to be stricter.
 */
export function foldName(name: string): string {
  if (/^[ -~]*$/.test(name)) return name.toLowerCase();
  const visible = name.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return visible.toUpperCase().toLowerCase();
}
