/** What is made with something that holds memory of a device. If that fails, the memory is freed at once. */
export async function freedOnFailure<O extends { destroy(): void }, T>(
  owned: O,
  make: (owned: O) => Promise<T>,
): Promise<T> {
  try {
    return await make(owned);
  } catch (error) {
    owned.destroy();
    throw error;
  }
}
