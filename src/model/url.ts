// URLs that are fetched, told from paths.

/** Whether a text is an http or https URL. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** A URL's place among paths: without what is asked of the server (`?…`), its escapes as what they stand for. */
export function placeOfUrl(text: string): string {
  return text.replace(/[?#].*$/s, '').replace(/(?:%[0-9a-f]{2})+/gi, (found) => {
    try {
      return decodeURIComponent(found);
    } catch {
      return found; // no UTF-8
    }
  });
}

/** A path to read names from: a URL's own, without scheme and host, whose words claim nothing. */
export function namesInUrl(place: string): string {
  return place.replace(/^https?:\/\/[^/]*\/?/i, '');
}
