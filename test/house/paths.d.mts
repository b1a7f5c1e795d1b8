export function deadPaths(
  texts: ReadonlyMap<string, string>,
  files: ReadonlySet<string>,
): { readonly key: string; readonly message: string }[];
