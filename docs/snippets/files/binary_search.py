"""Binary search: find a value in a sorted list by halving the range that can hold it."""


def binary_search(items, wanted):
    """Return the index of `wanted` in the sorted list `items`, or None.

    >>> binary_search([1, 3, 5, 7, 9], 7)
    3
    """
    low, high = 0, len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle + 1  # wanted can only be to the right
        else:
            high = middle - 1  # wanted can only be to the left
    return None
