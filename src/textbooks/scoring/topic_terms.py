"""Terms that tell what a text is about: taught subjects, and what projects are made of."""

from __future__ import annotations

TOPICS: dict[str, frozenset[str]] = {
    name: frozenset(term.replace("_", " ") for term in terms.split())
    for name, terms in {
        "algorithm": """
            sort sorted sorting bubble quicksort mergesort heapsort shellsort radix insertion_sort selection_sort
            merge_sort quick_sort heap_sort bubble_sort counting_sort bucket_sort binary_search linear_search search
            jump_search interpolation_search breadth_first depth_first bfs dfs dijkstra bellman_ford floyd warshall
            kruskal prim topological_sort topological toposort backtrack backtracking greedy knapsack memo memoize
            memoization dynamic_programming recursion recursive recurse divide_and two_pointers pointers
            sliding_window subsequence subarray substring palindrome anagram permutation permutations combination
            combinations subset subsets powerset levenshtein edit_distance kmp rabin_karp boyer_moore manacher huffman
            caesar vigenere cipher encrypt decrypt hanoi queens sudoku maze flood_fill traversal inorder preorder
            postorder traverse partition pivot swap reverse rotate shuffle interval intervals kadane kmeans
            knn regression gradient_descent perceptron backpropagation neural_network simulated_annealing genetic
            minimax alpha_beta monte_carlo game_of conway convex_hull newton bisection simpson euler runge_kutta
            interpolation trapezoidal fast_fourier fft convolution sieve eratosthenes cycle_detection shortest_path
            spanning_tree max_flow matching coloring scheduling job_sequencing longest_common lcs lis coin_change
            josephus collatz fizzbuzz fizz luhn checksum run_length rle compression hashing iterative
        """,
        "data_structure": """
            stack queue deque heap heapq heapify trie graph tree bst avl red_black binary_tree segment_tree fenwick
            linked_list doubly_linked singly_linked node nodes head tail linkedlist listnode treenode hash_table
            hashmap hash_map priority_queue circular_queue adjacency matrix matrices vertex vertices edges
            disjoint_set union_find bloom_filter skip_list lru lru_cache suffix_array suffix_tree sparse_table
            array arrays lists tuples dictionary dictionaries sets push pop peek enqueue dequeue insert delete
            parent child left right root leaf neighbors neighbours quadtree kd_tree treap
        """,
        "mathematics": """
            prime primes factorial fibonacci gcd lcm divisor divisors factors factor modulo modular exponent power
            sqrt cube digits digit_sum armstrong perfect_number even odd multiple multiples integer integers average
            mean median variance standard_deviation probability binomial pascal catalan polynomial quadratic
            determinant transpose vector vectors dot_product eigen angle triangle circle rectangle area perimeter
            radius hypotenuse pythagoras pythagorean celsius fahrenheit roman binary_to decimal_to hexadecimal octal
            leap_year interest distance velocity bitwise arithmetic geometric harmonic logarithm equation formula
        """,
        "language": """
            lambda comprehension comprehensions generator generators iterator iterators iterable decorator decorators
            closure closures inheritance polymorphism encapsulation class_method static_method descriptor metaclass
            context_manager exception exceptions try_except operator operators slicing slice string_formatting
            formatting f_string statement statements keyword_arguments default_arguments variable variables scope
            namespace immutable mutable unpacking unpack dataclass namedtuple enumerate zip_function while_loop
            for_loop nested_loop conditional booleans boolean truthy falsy type_casting casting docstring
            regular_expression regex coroutine threading multiprocessing asyncio type_hints data_types list_methods
            string_methods built_in standard_library overloading overriding dunder magic_methods
        """,
        "pattern": """
            singleton observer strategy_pattern factory_method abstract_factory builder prototype adapter_pattern
            facade flyweight decorator_pattern proxy_pattern composite mediator memento visitor chain_of command_pattern
            state_pattern template_method design_pattern design_patterns pattern decouples gof iterator_pattern
            dependency_injection publish_subscribe state_machine finite_state automaton automata interpreter lexer
            parser tokenizer bank_account shape shapes animal dog employee student calculator guess_the guessing
            tic_tac rock_paper hangman snake dice blackjack card deck temperature shopping_cart to_do converter
        """,
        "teaching": """
            example examples demonstrate demonstrates demonstration demo illustrates illustrate introduction lesson
            beginner beginners learn learning tutorial exercise exercises homework chapter basics basic simple simplest
            explanation explained approach solution naive brute_force time_complexity space_complexity complexity
            let_s we_can we_need we_use note_that this_function the_following step_by how_to practice problem output
            input returns given_an given_a write_a your_code concept concepts understand theorem proof definition
        """,
        "plumbing": """
            config configuration settings client session request requests response responses handler handlers plugin
            plugins registry register serializer serializers migration migrations fixture fixtures mock patch adapter
            endpoint endpoints api token auth credentials payload kwargs deprecated backend provider service services
            manager controller middleware router routes view views template templates admin permission queryset
            foreign_key max_length blueprint app url urls headers http https webhook docker kubernetes aws
            bucket lambda_handler deploy logger logging dataset dataloader checkpoint cuda device optimizer pipeline
            workflow subprocess shell argparse add_argument parser_add cli command options workspace tenant
            driver hardware sensor firmware protocol socket packet entity coordinator hass async_setup
        """,
        "interface": """
            widget widgets layout button buttons window dialog menu toolbar qt pyqt tkinter wx gtk label labels canvas
            frame geometry icon color colors colour font style theme click event events mouse keyboard screen sprite
            render draw panel slider checkbox textbox combobox tab tabs scroll
        """,
        "table": """
            codec encoding charmap decoding locale locales translation translations unicode timezone country currency
            errno opcode prompt prompts lookup mapping constants enum choices version license author maintainer
            copyright generated auto_generated stub
        """,
    }.items()
}
"""Single words and pairs of words, in lower case, by topic."""
